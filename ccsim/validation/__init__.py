"""The proof that a fit predicts: what one part of the records teaches is played on another part, and compared with what came."""
