using Forge.Errors;
using Forge.Operations;

namespace Forge.Effects;

/// <summary>
/// Begins an act under a key, or says what is known of it. The act may be run only by whoever is answered that it is begun, and only while
/// the lease holds. Makes the session if it does not exist, and needs no checkpoint.
/// </summary>
/// <param name="Key">1 to 200 printable ASCII characters without a space or a <c>/</c>; neither <c>.</c> nor <c>..</c>.</param>
/// <param name="Class">How it may be repeated; the same in every begin of the key.</param>
/// <param name="RequestText">
/// What is asked of the target, of which the SHA-256 is kept and compared, and the text kept: at most 16 KiB of UTF-8. Null if the digest is
/// given in its place, as it must be of a token.
/// </param>
/// <param name="RequestSha256">The SHA-256 of the request, 64 hexadecimal digits in lower case; null if the text is given.</param>
/// <param name="Lease">How long it is left alone unless that is renewed: 1 second to 1 hour (by default); null for 30 seconds.</param>
/// <param name="TargetKey">The key for the target, recorded by the first begin; null to have one made. 1 to 200 characters as a key. Not of a token.</param>
/// <exception cref="InvalidRequestException">A value is bad.</exception>
/// <exception cref="OverLimitException">A value is too long, or the session has 10,000 effects (by default).</exception>
/// <exception cref="EffectConflictException">The key was begun with another request or class.</exception>
/// <exception cref="EffectDamagedException">What is stored of it is not what was written.</exception>
/// <exception cref="SessionDeletedException">The session was deleted.</exception>
[GenerateSerializer, Immutable, Alias("forge.begin-effect")]
public sealed record BeginEffect(
    [property: Id(0)] string Key,
    [property: Id(1)] EffectClass Class,
    [property: Id(2)] string? RequestText = null,
    [property: Id(3)] string? RequestSha256 = null,
    [property: Id(4)] TimeSpan? Lease = null,
    [property: Id(5)] string? TargetKey = null) : Change<BeginEffectResult>;

/// <summary>The answer to a begin.</summary>
/// <param name="Begun">
/// True if this call has the lease of the epoch that <paramref name="Effect"/> names, and may run it; of a token: if it is consumed by this
/// call. False if it must not be run: the status says why.
/// </param>
/// <param name="Effect">What is known of it.</param>
[GenerateSerializer, Immutable, Alias("forge.begin-effect-result")]
public sealed record BeginEffectResult([property: Id(0)] bool Begun, [property: Id(1)] Effect Effect);
