"""training.loop"""
