"""Glasses that are on sale, each behind our own messages: what the host asks goes in, what the glasses say comes out.

OnSale (a medium) → StandIn (our firmware's place) → G1 or Frame (translators) → their packets. They met no real glasses.
"""
