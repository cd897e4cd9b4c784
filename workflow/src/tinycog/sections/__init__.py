"""The parts of a config file as typed, documented objects. Light: Snakemake imports them while it parses."""
