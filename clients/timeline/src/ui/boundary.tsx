import { Component, type ComponentChildren } from "preact";
import { Told } from "./text.js";

interface Properties {
    readonly children: ComponentChildren;
    /** What it shows: what failed is tried again for another. */
    readonly on?: unknown;
}

/** A part of the page that may fail alone: what goes wrong in it is told in its place, and the rest stays. */
export class Boundary extends Component<Properties, { problem: string | null }> {
    override state = { problem: null as string | null };

    static override getDerivedStateFromError(error: unknown): { problem: string } {
        return { problem: error instanceof Error ? error.message : String(error) };
    }

    override componentDidUpdate(before: Properties): void {
        if (before.on !== this.props.on && this.state.problem !== null) {
            this.setState({ problem: null });
        }
    }

    override render(): ComponentChildren {
        return this.state.problem === null ? this.props.children : (
            <div class="empty">
                <p class="problem" role="alert">This cannot be shown: <Told text={this.state.problem} /></p>
                <button type="button" onClick={() => this.setState({ problem: null })}>Try again</button>
            </div>
        );
    }
}
