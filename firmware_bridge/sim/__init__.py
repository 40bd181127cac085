"""Glasses without hardware: the device's side of the protocol, and what a pair of glasses does, in Python."""
