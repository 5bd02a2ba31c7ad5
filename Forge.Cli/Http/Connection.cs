namespace Forge.Cli.Http;

/// <summary>Where the silo is, and as whom it is spoken to.</summary>
/// <param name="Url">Its address.</param>
/// <param name="Key">The key; null for none.</param>
/// <param name="Patience">How long a call is tried again while the silo is busy or away; null for ten seconds, and not at all if nothing listens.</param>
internal sealed record Connection(Uri Url, string? Key, TimeSpan? Patience);
