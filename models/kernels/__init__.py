"""The fast loop's arithmetic as machine code on flat memory.

What it means stands in `impedance` and `reflex`, whose classes own the memory.
"""
