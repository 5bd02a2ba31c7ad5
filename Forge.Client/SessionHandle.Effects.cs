using Forge.Effects;
using Forge.Errors;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    /// <summary>
    /// Begins an act under a key, or says what is known of it (<see cref="BeginEffect"/>). It may be run only if the answer says that it is
    /// begun, and only while its lease holds; <see cref="OnceAsync{TRequest, TResult}"/> sees to that.
    /// </summary>
    /// <param name="begin">What is to be done.</param>
    /// <param name="options">The request id; null to have one made.</param>
    /// <param name="cancellationToken">Gives up waiting; it may be begun all the same.</param>
    /// <exception cref="EffectConflictException">The key was begun with another request or class.</exception>
    public Task<BeginEffectResult> BeginEffectAsync(
        BeginEffect begin, ChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(begin);
        return RunAsync(begin, options, cancellationToken);
    }

    /// <summary>Lets the lease of a run begin anew.</summary>
    /// <exception cref="EffectSupersededException">It was begun again since.</exception>
    /// <exception cref="EffectSettledException">The run is over.</exception>
    public Task<EffectSummary> RenewEffectAsync(
        string key, long epoch, TimeSpan lease, CancellationToken cancellationToken = default) =>
        RunAsync(new RenewEffect(key, epoch, lease), options: null, cancellationToken);

    /// <summary>Records that a run was done, with its result. One that is refused is kept as evidence.</summary>
    /// <param name="key">The effect.</param>
    /// <param name="epoch">The run.</param>
    /// <param name="result">The result, at most 64 KiB.</param>
    /// <param name="contentType">Its media type.</param>
    /// <param name="options">The request id; null to have one made.</param>
    /// <param name="cancellationToken">Gives up waiting; it may be recorded all the same.</param>
    /// <exception cref="EffectSupersededException">It was begun again since.</exception>
    /// <exception cref="EffectSettledException">It was settled otherwise.</exception>
    public Task<Effect> CompleteEffectAsync(
        string key,
        long epoch,
        ReadOnlyMemory<byte> result,
        string contentType = "application/json",
        ChangeOptions? options = null,
        CancellationToken cancellationToken = default) =>
        RunAsync(new CompleteEffect(key, epoch, result.ToArray(), contentType), options, cancellationToken);

    /// <summary>Records that a run did nothing at its target.</summary>
    /// <exception cref="EffectSupersededException">It was begun again since.</exception>
    /// <exception cref="EffectSettledException">It was settled otherwise.</exception>
    public Task<Effect> FailEffectAsync(
        string key, long epoch, string reason, ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync(new FailEffect(key, epoch, reason), options, cancellationToken);

    /// <summary>Says what became of a run of which it is not known, or lets one that failed run again.</summary>
    /// <param name="resolve">Of which run, what, who says so and why.</param>
    /// <param name="options">The request id; null to have one made.</param>
    /// <param name="cancellationToken">Gives up waiting; it may be resolved all the same.</param>
    /// <exception cref="EffectSupersededException">It was begun again since that run.</exception>
    /// <exception cref="EffectSettledException">It is running, completed or consumed.</exception>
    public Task<Effect> ResolveEffectAsync(
        ResolveEffect resolve, ChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resolve);
        return RunAsync(resolve with { Result = resolve.Result.ToArray() }, options, cancellationToken);
    }

    /// <summary>All that is known of an effect.</summary>
    /// <exception cref="EffectNotFoundException">There is none.</exception>
    public Task<Effect> GetEffectAsync(string key, CancellationToken cancellationToken = default) =>
        RunAsync(new GetEffect(key), cancellationToken);

    /// <summary>A page of the effects of the session, by their keys.</summary>
    /// <param name="query">Which, and from where; null for the first 100 of all.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<EffectPage> ListEffectsAsync(ListEffects? query = null, CancellationToken cancellationToken = default) =>
        RunAsync(query ?? new ListEffects(), cancellationToken);

    /// <summary>
    /// Consumes an approval or a one-time token: true for the one call that does, whatever becomes of the session's checkpoints, its forks,
    /// its exports and its lives.
    /// </summary>
    /// <param name="key">The token, as a key: what is secret in it should be hashed.</param>
    /// <param name="requestSha256">The SHA-256 of what it is good for, in hexadecimal.</param>
    /// <param name="options">The request id; null to have one made. A repeat with it is told true again.</param>
    /// <param name="cancellationToken">Gives up waiting; it may be consumed all the same.</param>
    /// <exception cref="EffectConflictException">The key was used for something else.</exception>
    public async Task<bool> ConsumeAsync(
        string key, string requestSha256, ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        (await BeginEffectAsync(
            new BeginEffect(key, EffectClass.Token, RequestSha256: requestSha256), options, cancellationToken)).Begun;
}
