/** What is known of the head of a branch. */
export interface Head {
    /** Its sequence; 0 for none. */
    readonly sequence: number;
    /** The greatest id that was there when it came; undefined for a branch without one. */
    readonly top: string | undefined;
}
