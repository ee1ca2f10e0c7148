def merge(text, wanted, before):
    return wanted, {}
def values(text): return {}
