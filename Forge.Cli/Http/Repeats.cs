namespace Forge.Cli.Http;

/// <summary>If a request can be sent again when its answer is lost.</summary>
/// <param name="AreSafe">True if it can.</param>
/// <param name="IsChange">True if it may change something.</param>
/// <param name="Key">The key that makes a change safe; null for a read, and for a change that is known by an id of its own.</param>
internal sealed record Repeats(bool AreSafe, bool IsChange, string? Key)
{
    public static Repeats OfRead { get; } = new(true, false, null);

    public static Repeats None { get; } = new(false, true, null);

    public static Repeats Of(Change? change) => change switch
    {
        { IdempotencyKey: { } key } => new Repeats(true, true, key),
        { HasId: true } => None with { AreSafe = true },
        _ => None,
    };
}
