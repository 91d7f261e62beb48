"""evaluation.measures"""
