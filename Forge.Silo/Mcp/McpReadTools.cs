namespace Forge.Silo.Mcp;

/// <summary>The tools that read.</summary>
internal static class McpReadTools
{
    private const string Time = "as in 2026-01-31T08:30:00Z";

    public static IReadOnlyList<McpTool> All { get; } =
    [
        new()
        {
            Name = "list_sessions",
            Title = "List sessions",
            Description = "Lists sessions: each is one agent's line of work, with its number of checkpoints, its newest (head) and current one, its labels and its claim. Begin here.",
            Hints = McpHints.Reads,
            Operation = "listSessions",
            Arguments =
            [
                new("prefix", "Only sessions whose ids begin so."),
                new("label", "Only sessions with all of these labels, each as name:value."),
                new("activeAfter", $"Only sessions with a checkpoint at this time or later, {Time}."),
                new("activeBefore", $"Only sessions with none since this time, {Time}."),
                new("branch", "Only sessions that have a branch of this name."),
                new("claim", "Only sessions that a worker of this name has claimed."),
                new("order", "By 'name', or by 'activity' with the newest first; 'name' if left out.") { Schema = McpArguments.OneOf("name", "activity") },
                McpArguments.Limit,
                McpArguments.Cursor,
            ],
            Answer = new McpListAnswer("chain", "version", "lastPosition", "tenant"),
        },
        new()
        {
            Name = "get_session",
            Title = "Get a session",
            Description = "What a session is now: its number of checkpoints, head and current one, settings, claim, and what it was forked from.",
            Hints = McpHints.Reads,
            Operation = "getSession",
            Arguments = [McpArguments.Session],
            Answer = new McpPlainAnswer("chain", "version", "lastPosition"),
        },
        new()
        {
            Name = "list_branches",
            Title = "List branches",
            Description = "Lists the branches of a session, 'main' and the others by name: each is a line of checkpoints with a head and a current one of its own.",
            Hints = McpHints.Reads,
            Operation = "listBranches",
            Arguments =
            [
                McpArguments.Session,
                new("tips", "How many tips of each branch are told, the newest first: 0 to 100.") { Schema = new() { ["type"] = "integer", ["minimum"] = 0, ["maximum"] = 100 } },
                McpArguments.Limit with { IsOwn = true },
                McpArguments.OwnCursor,
            ],
            Answer = new McpBranchesAnswer(),
        },
        new()
        {
            Name = "list_checkpoints",
            Title = "List checkpoints",
            Description = "Lists the checkpoints of a session without their states, the newest first: sequence, time, message, tags, why it was taken, and its parent.",
            Hints = McpHints.Reads,
            Operation = "listCheckpoints",
            Arguments =
            [
                McpArguments.Session,
                new("branch", "Only those of this branch; those of all if left out."),
                new("tag", "Only those with this tag."),
                McpArguments.Trigger,
                new("before", "Only sequence numbers below this one."),
                new("after", "Only sequence numbers above this one."),
                new("from", $"Only those created at this time or later, {Time}."),
                new("to", $"Only those created at this time or earlier, {Time}."),
                new("order", "'newest' or 'oldest' first; 'newest' if left out.") { Schema = McpArguments.OneOf("newest", "oldest") },
                McpArguments.Limit,
                McpArguments.Cursor,
            ],
            Answer = new McpListAnswer("chain", "position", "checksum"),
        },
        new()
        {
            Name = "find_checkpoints",
            Title = "Find checkpoints across sessions",
            Description = "Finds checkpoints of all sessions by a tag, or by why they were taken (other than 'manual'); one of the two must be given. Without their states.",
            Hints = McpHints.Reads,
            Operation = "searchCheckpoints",
            Arguments =
            [
                new("tag", "Only those with this tag."),
                McpArguments.Trigger,
                new("sessionPrefix", "Only those of sessions whose ids begin so.") { Parameter = "session" },
                new("from", $"Only those created at this time or later, {Time}."),
                new("to", $"Only those created at this time or earlier, {Time}."),
                new("order", "'newest' or 'oldest' first; 'newest' if left out.") { Schema = McpArguments.OneOf("newest", "oldest") },
                McpArguments.Limit,
                McpArguments.Cursor,
            ],
            Answer = new McpListAnswer(),
        },
        new()
        {
            Name = "get_checkpoint",
            Title = "Get a checkpoint",
            Description = "One checkpoint with the notes on it, and without its state, which read_state tells.",
            Hints = McpHints.Reads,
            Operation = "getCheckpoint",
            Arguments = [McpArguments.Session, McpArguments.Checkpoint, McpArguments.Branch, McpArguments.OwnCursor],
            Answer = new McpCheckpointAnswer(),
        },
        new()
        {
            Name = "read_state",
            Title = "Read a state",
            Description =
                "Reads the state that a checkpoint saved, or the part of it that a JSON Pointer names. One that is too large is told in outline: 'parts' has what it consists of, each with its "
                + "pointer to read it by; a long text comes in pieces. 'next' is the cursor of what follows.",
            Hints = McpHints.Reads,
            Operation = "getCheckpoint",
            Arguments =
            [
                McpArguments.Session,
                McpArguments.Checkpoint,
                McpArguments.Branch,
                new("pointer", "A JSON Pointer, as /notes/0/text; empty or left out for the whole. In names ~1 stands for '/' and ~0 for '~'.")
                {
                    IsOwn = true,
                    Schema = new() { ["type"] = "string", ["maxLength"] = 1000 },
                },
                McpArguments.OwnCursor,
            ],
            Answer = new McpStateAnswer(),
        },
        new()
        {
            Name = "compare_checkpoints",
            Title = "Compare two checkpoints",
            Description = "What makes the state of one checkpoint of another's: counts of what was added, removed, changed and moved, and a JSON Patch. Also between two sessions.",
            Hints = McpHints.Reads,
            Operation = "diffCheckpoints",
            Arguments =
            [
                McpArguments.Session,
                McpArguments.Named("from", "The earlier checkpoint: an id, a sequence number, 'latest' or 'current'.") with { IsRequired = true },
                McpArguments.Named("to", "The later one, as 'from'; 'latest' if left out."),
                new("branch", "The branch whose latest or current checkpoints are meant; 'main' if left out."),
                new("otherSession", "The session that 'to' is of, if it is another one.") { Parameter = "toSession" },
                McpArguments.OwnCursor,
            ],
            Answer = new McpDifferenceAnswer(),
        },
        new()
        {
            Name = "list_effects",
            Title = "List effects",
            Description =
                "Lists effects: acts on the outside world that an agent ran under a key. 'unknown' means that nobody knows whether it was done, and that it blocks until resolve_effect says so.",
            Hints = McpHints.Reads,
            Operation = "listEffects",
            Arguments =
            [
                McpArguments.Session,
                new("status", "Only those that stand so.") { Schema = McpArguments.OneOf("running", "completed", "failed", "unknown", "retry") },
                new("class", "Only those that may be repeated so.") { Schema = McpArguments.OneOf("read", "idempotent", "write", "token") },
                McpArguments.Limit,
                McpArguments.Cursor,
            ],
            Answer = new McpListAnswer(),
        },
        new()
        {
            Name = "get_effect",
            Title = "Get an effect",
            Description = "All that is known of an effect: what was asked, how it stands, its newest run (epoch), its result, and who resolved it.",
            Hints = McpHints.Reads,
            Operation = "getEffect",
            Arguments = [McpArguments.Session, new("key", "The effect's key.") { IsRequired = true }],
            Answer = new McpPlainAnswer(),
        },
    ];
}
