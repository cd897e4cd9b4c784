"""What strategy a subject uses, by stated rules, with the evidence."""
