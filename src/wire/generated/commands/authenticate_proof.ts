// Generated from protocol/commands/authenticate_proof.json by `npm run generate`. Change it there, not here.

/** The parameters of authenticate_proof. */
export interface AuthenticateProofParameters {
  readonly proof: string;
}

/** The results of authenticate_proof, in the order in which they are sent. */
export interface AuthenticateProofResults {
  /** the name as it is stored */
  readonly username: string;
  /** proves that the server knows the token too: compare it before you trust anything that it says */
  readonly server_proof: string;
}
