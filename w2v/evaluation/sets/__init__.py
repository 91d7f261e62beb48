"""evaluation.sets"""
