"""What programs that watch are told: sums for Prometheus, spans for OpenTelemetry. Both are made of the records.

Nothing here is on a request's way: records come in batches, after their exchanges have ended.
"""
