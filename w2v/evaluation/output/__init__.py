"""evaluation.output"""
