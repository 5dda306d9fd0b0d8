"""The edge process: SIP and RTP, nothing that can stall."""
