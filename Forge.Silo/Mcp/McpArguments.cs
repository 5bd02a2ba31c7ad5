using System.Text.Json.Nodes;

namespace Forge.Silo.Mcp;

/// <summary>The arguments that several tools have.</summary>
internal static class McpArguments
{
    private const string Id = "an id, a sequence number, 'latest' (the newest) or 'current' (what the next one follows)";

    public static McpArgument Session { get; } = new("session", "The session's id, as list_sessions tells it.")
    {
        IsRequired = true,
        Schema = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = 200 },
    };

    /// <summary>The checkpoint, which may be left out where the tool takes the latest then.</summary>
    public static McpArgument Checkpoint { get; } = Named("checkpoint", $"The checkpoint: {Id}. 'latest' if left out.");

    public static McpArgument NamedCheckpoint { get; } = Named("checkpoint", $"The checkpoint: {Id}.") with { IsRequired = true };

    public static McpArgument Branch { get; } = new("branch", "The branch whose latest or current checkpoint is meant; 'main' if left out. Not with an id or a number.");

    public static McpArgument Limit { get; } = new("limit", $"The most items, 1 to 1000; {McpListAnswer.DefaultLimit} if left out. A page may have fewer so that it fits.")
    {
        Schema = new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = 1000, ["default"] = McpListAnswer.DefaultLimit },
    };

    public static McpArgument Cursor { get; } = new("cursor", "The 'next' of the answer before, to go on; the other arguments stay as they were.")
    {
        Schema = new JsonObject { ["type"] = "string" },
    };

    /// <summary>The cursor of a tool whose operation has none.</summary>
    public static McpArgument OwnCursor { get; } = Cursor with { IsOwn = true };

    public static McpArgument RequestId { get; } = new(
        McpToolCall.RequestIdName,
        "A text of your own, 1 to 200 characters, that names this change: sent again with the same one it takes effect once. Made and told if left out. After outcome_unknown or no answer, "
        + "call again with the same one.")
    {
        Parameter = "idempotencyKey",
        Schema = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = 200 },
    };

    public static McpArgument Epoch { get; } = new("epoch", "The epoch of your claim, if the session is claimed; otherwise left out.")
    {
        Schema = new JsonObject { ["type"] = "integer", ["minimum"] = 1 },
    };

    public static McpArgument Effects { get; } = new(
        "effects", "What to do if acts on the outside world (effects) came later: 'report' them and go on, or 'refuse'.")
    {
        Schema = OneOf("report", "refuse"),
    };

    public static McpArgument Acknowledge { get; } = new("acknowledge", "With effects = refuse: the keys of effects that it is made in spite of.");

    public static McpArgument DryRun { get; } = new("dryRun", "True to be told what it would do, with nothing changed.");

    public static McpArgument Trigger { get; } = new("trigger", "Only those that were taken for this reason.")
    {
        Schema = OneOf(
            "manual", "scheduled", "hypothesisStatusChange", "contradictionDetected", "verificationComplete", "branchSwitch", "gapFilled", "codeModified",
            "significantTimePassed", "contextCompactionWarning", "error", "toolCall"),
    };

    /// <summary>A checkpoint by its name.</summary>
    public static McpArgument Named(string name, string description) => new(name, description)
    {
        Schema = new JsonObject { ["type"] = new JsonArray("string", "integer") },
    };

    /// <summary>One of some texts.</summary>
    public static JsonObject OneOf(params string[] texts) => new()
    {
        ["type"] = "string",
        ["enum"] = new JsonArray([.. texts.Select(text => (JsonNode)text)]),
    };
}
