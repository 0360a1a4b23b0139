"""What a store has, given to the tools that people already use: a module for each of them.

Each imports its tool when it is asked for: they are extras, and slow to import.
"""
