"""training.observers"""
