def compare_arguments(plan, want, text, records, owners): return None
