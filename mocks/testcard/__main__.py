"""`python -m testcard`: the same as `testcard`."""

from testcard.cli import main

if __name__ == "__main__":
    main(prog_name="testcard")
