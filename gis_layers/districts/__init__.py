"""districts"""
