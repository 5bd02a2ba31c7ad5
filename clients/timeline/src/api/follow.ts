import { Changes } from "../changes.js";
import { authorization, credentials, ProblemError, problemOf, type Query, urlOf } from "./http.js";
import { type SentEvent, SentEvents } from "./sse.js";

const FirstDelay = 250;
const MaxDelay = 4_000;

// Heartbeats come each 15 seconds; what is silent for longer than two of them is lost, though nobody said so.
const Silence = 40_000;

/** How a stream stands; what has ended is not asked for again. */
export type StreamStatus = "connecting" | "live" | "lost" | "resting" | "ended";

/**
 * Follows a stream from where it stood, through lost connections and dead silos. A page that nobody looks at rests, since a browser
 * has few connections to one address.
 */
export class Follower extends Changes {
    #status: StreamStatus = "connecting";
    #stop = new AbortController();
    #attempt: AbortController | null = null;
    #delay = FirstDelay;
    #wake: (() => void) | null = null;

    /**
     * @param path The stream's.
     * @param query What is asked.
     * @param last The id of the event to go on after.
     * @param take Takes the events that came together.
     * @param lose Told of an error that asking again does not cure; the answer is the id to go on after, or null to end.
     */
    constructor(
        readonly path: string,
        readonly query: Query,
        private last: string,
        readonly take: (events: readonly SentEvent[]) => void,
        readonly lose: (error: ProblemError) => Promise<string | null>,
    ) {
        super();
        document.addEventListener("visibilitychange", this.#seen);
        const { key } = credentials;
        this.#key = credentials.subscribe(() => {
            // Nothing more is taken by a key that was given up, not even what is on its way.
            if (credentials.key === key) {
                this.#wake?.();
            } else {
                this.end();
            }
        });
        void this.#run();
    }

    readonly #key: () => void;

    get status(): StreamStatus {
        return this.#status;
    }

    end(): void {
        document.removeEventListener("visibilitychange", this.#seen);
        this.#key();
        this.#stop.abort();
        this.#attempt?.abort();
        this.#wake?.();
    }

    readonly #seen = (): void => {
        if (document.hidden) {
            this.#attempt?.abort();
        } else {
            this.#delay = FirstDelay;
            this.#wake?.();
        }
    };

    async #run(): Promise<void> {
        while (!this.#stop.signal.aborted) {
            if (document.hidden) {
                this.#set("resting");
                await this.#pause(60_000);
                continue;
            }

            try {
                await this.#read();
            } catch (error) {
                if (error instanceof ProblemError && error.status >= 400 && error.status < 500 && error.status !== 429) {
                    this.#set("lost");
                    if (error.status === 401) {
                        await this.#pause(60_000);
                        continue;
                    }

                    const next = await this.lose(error).catch(() => this.last);
                    if (next === null) {
                        this.#set("ended");
                        this.end();
                        return;
                    }

                    this.last = next;
                }
            }

            if (!this.#stop.signal.aborted && !document.hidden) {
                this.#set("lost");
                await this.#pause(this.#delay);
                this.#delay = Math.min(this.#delay * 2, MaxDelay);
            }
        }
    }

    async #read(): Promise<void> {
        const attempt = this.#attempt = new AbortController();
        // A silo that takes a connection and says nothing is as lost as one that falls silent.
        const within = async <T>(waited: () => Promise<T>): Promise<T> => {
            const silent = setTimeout(() => attempt.abort(), Silence);
            return waited().finally(() => clearTimeout(silent));
        };
        const response = await within(async () => {
            const answer = await fetch(urlOf(this), {
                headers: { Accept: "text/event-stream", ...(this.last === "" ? {} : { "Last-Event-ID": this.last }), ...authorization() },
                signal: attempt.signal,
            });
            if (!answer.ok) {
                throw await problemOf(answer);
            }

            return answer;
        });

        const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
        const parser = new SentEvents();
        for (;;) {
            const { done, value } = await within(() => reader.read());
            if (done) {
                return;
            }

            this.#delay = FirstDelay;
            this.#set("live");
            const taken: SentEvent[] = [];
            let failed: ProblemError | null = null;
            for (const sent of parser.take(value)) {
                if (sent.event === "error") {
                    const told = JSON.parse(sent.data) as { status: number; code: string; detail: string };
                    failed = new ProblemError(told.status, told.code, told.detail);
                    break;
                }

                this.last = sent.id ?? this.last;
                taken.push(sent);
            }

            if (taken.length > 0 && !this.#stop.signal.aborted) {
                this.take(taken);
            }

            if (failed !== null) {
                throw failed;
            }
        }
    }

    #pause(milliseconds: number): Promise<void> {
        return new Promise((resolve) => {
            const done = () => {
                clearTimeout(timer);
                this.#wake = null;
                resolve();
            };
            const timer = setTimeout(done, milliseconds);
            this.#wake = done;
        });
    }

    #set(status: StreamStatus): void {
        if (this.#status !== status && !this.#stop.signal.aborted) {
            this.#status = status;
            this.changed();
        }
    }
}
