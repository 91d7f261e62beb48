"""evaluation.statistics"""
