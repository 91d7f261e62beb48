"""training.held_out"""
