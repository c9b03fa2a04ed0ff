"""Producers and oracles that tests share; nothing here imports an engine of exactnet."""
