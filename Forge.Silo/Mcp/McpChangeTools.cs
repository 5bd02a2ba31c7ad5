namespace Forge.Silo.Mcp;

/// <summary>The tools that change something.</summary>
internal static class McpChangeTools
{
    public static IReadOnlyList<McpTool> All { get; } =
    [
        new()
        {
            Name = "create_checkpoint",
            Title = "Create a checkpoint",
            Description = "Saves a state as the next checkpoint of a session, which is made if it does not exist. The state may be any JSON.",
            Hints = McpHints.Adds,
            Operation = "createCheckpoint",
            Arguments =
            [
                McpArguments.Session,
                new("message", "What you would want to read of it in a list.") { IsRequired = true },
                new("state", "The state: any JSON. It, or stateBase64, must be given."),
                new("stateBase64", "The state in base 64, if it is no JSON."),
                new("contentType", "The media type of the state; application/json if left out."),
                new("tags", "Tags to find it by."),
                McpArguments.Trigger with { Description = "Why it is taken; 'manual' if left out. One of 'significantTimePassed' is taken only if it is due." },
                new("branch", "The branch that it goes on; 'main' if left out. A name that is new begins a branch."),
                McpArguments.Named("parent", "The checkpoint that it follows, by id or sequence number, or 'none'; the current one of its branch if left out."),
                new("expectedHead", "The sequence number that the branch's newest checkpoint must have, 0 for none; refused otherwise."),
                McpArguments.Epoch,
                McpArguments.RequestId,
            ],
            Answer = new McpPlainAnswer("chain", "position"),
        },
        new()
        {
            Name = "set_tags",
            Title = "Set a checkpoint's tags",
            Description = "Replaces all tags of a checkpoint. To add one, give those that it has too.",
            Hints = McpHints.Replaces,
            Operation = "setTags",
            Arguments =
            [
                McpArguments.Session,
                McpArguments.NamedCheckpoint,
                McpArguments.Branch,
                new("tags", "All the tags that it is to have; an empty array takes all away.") { IsRequired = true },
                McpArguments.Epoch,
                McpArguments.RequestId,
            ],
            Answer = new McpPlainAnswer("chain", "position"),
        },
        new()
        {
            Name = "annotate_checkpoint",
            Title = "Annotate a checkpoint",
            Description = "Attaches a note to a checkpoint, for whoever looks at it later. Notes are never changed or taken away.",
            Hints = McpHints.Adds,
            Operation = "annotateCheckpoint",
            Arguments =
            [
                McpArguments.Session,
                McpArguments.NamedCheckpoint,
                McpArguments.Branch,
                new("text", "What the note says.") { IsRequired = true },
                new("severity", "How grave it is; 'info' if left out.") { Schema = McpArguments.OneOf("info", "warning", "critical") },
                McpArguments.Epoch,
                McpArguments.RequestId,
            ],
            Answer = new McpPlainAnswer("chain", "position"),
        },
        new()
        {
            Name = "fork_session",
            Title = "Fork a session",
            Description =
                "Makes a new session that begins with the state of a checkpoint of this one, which stays as it is. 'effectsAfter' tells the acts on the outside world that came later than "
                + "the checkpoint: they are not undone.",
            Hints = McpHints.AddsOnce,
            Operation = "forkSession",
            Arguments =
            [
                McpArguments.Session,
                McpArguments.NamedCheckpoint,
                McpArguments.Branch,
                new("newSession", "The id of the session to make.") { Parameter = "toSession", IsRequired = true, Schema = (System.Text.Json.Nodes.JsonObject)McpArguments.Session.Schema!.DeepClone() },
                new("withHistory", "True to have the checkpoint's ancestors too."),
                McpArguments.DryRun,
                McpArguments.Effects,
                McpArguments.Acknowledge,
                McpArguments.RequestId,
            ],
            Answer = new McpPlainAnswer("chain", "position"),
        },
        new()
        {
            Name = "restore_checkpoint",
            Title = "Restore a checkpoint",
            Description =
                "Makes a checkpoint the current one of a branch, so that the next one follows it, and tells its state. Nothing is deleted; 'undo' is what was current before. 'effectsAfter' "
                + "tells the acts on the outside world that came later than the checkpoint: they are not undone. See what it would do with dryRun first.",
            Hints = McpHints.Moves,
            Operation = "restoreCheckpoint",
            Arguments =
            [
                McpArguments.Session,
                McpArguments.NamedCheckpoint,
                McpArguments.Branch,
                new("toBranch", "The branch whose next checkpoint is to follow it; 'main' if left out."),
                McpArguments.DryRun,
                McpArguments.Effects,
                McpArguments.Acknowledge,
                McpArguments.Epoch,
                McpArguments.RequestId,
            ],
            Answer = new McpRestoreAnswer(),
        },
        new()
        {
            Name = "resolve_effect",
            Title = "Resolve an effect",
            Description =
                "Says what became of an effect of which it is not known. Look at the target first: after 'failed' and 'retry' the agent may do it again, after 'completed' never.",
            Hints = McpHints.Replaces,
            Operation = "resolveEffect",
            Arguments =
            [
                McpArguments.Session,
                new("key", "The effect's key.") { IsRequired = true },
                McpArguments.Epoch with { Description = "The run that you looked into: the 'epoch' that get_effect tells.", IsRequired = true },
                new("verdict", "What became of it.") { IsRequired = true, Schema = McpArguments.OneOf("completed", "failed", "retry") },
                new("by", "Who says so.") { IsRequired = true },
                new("why", "How you know.") { IsRequired = true },
                new("result", "With 'completed': the result, any JSON."),
                McpArguments.RequestId,
            ],
            Answer = new McpPlainAnswer(),
        },
    ];
}
