import gc

from tinycog.cli import main

if __name__ == "__main__":
    # a job lives for seconds: looking for cycles of unused objects as often as by default takes a fifth of a figure's
    gc.set_threshold(100_000, 50, 100)
    main()
