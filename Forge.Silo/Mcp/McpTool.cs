using System.Text.Json.Nodes;

namespace Forge.Silo.Mcp;

/// <summary>What a tool does to what is kept, as a client is told before it lets a model call it.</summary>
/// <param name="ReadOnly">It changes nothing.</param>
/// <param name="Destructive">It takes something away, or puts something in its place.</param>
/// <param name="Idempotent">The same call again leaves all as it is, but for an event in the log, whether or not it has a request id.</param>
internal readonly record struct McpHints(bool ReadOnly, bool Destructive, bool Idempotent)
{
    public static McpHints Reads { get; } = new(ReadOnly: true, Destructive: false, Idempotent: true);

    /// <summary>Each call adds something.</summary>
    public static McpHints Adds { get; } = new(ReadOnly: false, Destructive: false, Idempotent: false);

    /// <summary>It is added once.</summary>
    public static McpHints AddsOnce { get; } = new(ReadOnly: false, Destructive: false, Idempotent: true);

    /// <summary>It puts something in the place of something, and the same call again forgets what that was.</summary>
    public static McpHints Moves { get; } = new(ReadOnly: false, Destructive: true, Idempotent: false);

    /// <summary>It puts something in the place of something.</summary>
    public static McpHints Replaces { get; } = new(ReadOnly: false, Destructive: true, Idempotent: true);
}

/// <summary>An argument of a tool.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it means, for a model.</param>
internal sealed record McpArgument(string Name, string Description)
{
    private readonly string? _parameter;

    /// <summary>The parameter of the operation that it is; its own name unless that is another.</summary>
    public string Parameter
    {
        get => _parameter ?? Name;
        init => _parameter = value;
    }

    /// <summary>What it is in JSON Schema; null for what its parameter is.</summary>
    public JsonObject? Schema { get; init; }

    /// <summary>True if it must be given.</summary>
    public bool IsRequired { get; init; }

    /// <summary>True if it is the tool's own, and no parameter of the operation.</summary>
    public bool IsOwn { get; init; }
}

/// <summary>A tool: an operation as a model is to see it.</summary>
internal sealed record McpTool
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    /// <summary>What it does and when to call it, for a model.</summary>
    public required string Description { get; init; }

    public required McpHints Hints { get; init; }

    /// <summary>The operation that it carries out.</summary>
    public required string Operation { get; init; }

    public required IReadOnlyList<McpArgument> Arguments { get; init; }

    /// <summary>How it is answered.</summary>
    public required IMcpAnswer Answer { get; init; }
}
