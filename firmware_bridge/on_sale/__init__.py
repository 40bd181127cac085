"""Glasses that are on sale, each behind our own messages: what the host asks goes in, what the glasses say comes out.

Codecs and exchanges only: no URI reaches them yet, and they have met no real glasses.
"""
