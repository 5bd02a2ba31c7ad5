using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text;
using Forge.Client.Effects;
using Forge.Effects;
using Forge.Errors;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    private const int KeptRequestBytes = 16 * 1024;

    /// <summary>How often it is looked again at an effect that was resolved meanwhile, before the call is refused.</summary>
    private const int MostBegins = 5;

    /// <summary>
    /// Runs an act under a key unless it was done already, and answers its result. Its begin is durable before it runs; whoever calls with the
    /// same key, in this run, after a crash, a restore or in a fork, is answered with the recorded result, or refused.
    /// </summary>
    /// <remarks>
    /// Nothing here is exactly once at the target: an act of which it is not known how it ended may be done twice if somebody says that it may
    /// run again. An act should be told its <see cref="EffectRun.TargetKey"/>, and end when its <see cref="EffectRun.Lost"/> is cancelled. If
    /// it throws, it is not known how it ended, unless <see cref="OnceOptions.DidNothing"/> says of the exception that nothing was done.
    /// </remarks>
    /// <param name="key">The key: 1 to 200 printable ASCII characters without a space or a <c>/</c>.</param>
    /// <param name="request">What is asked of the target: the same in each call with the key, as the handle's serializer writes it.</param>
    /// <param name="run">The act.</param>
    /// <param name="options">How it is run; null for a write.</param>
    /// <param name="cancellationToken">Cancels the act too; it is not known how it ended then.</param>
    /// <exception cref="EffectBlockedException">It was not run: it is running, failed, or unknown, and nobody could tell.</exception>
    /// <exception cref="EffectConflictException">The key was begun with another request or class.</exception>
    /// <exception cref="EffectSupersededException">The act was run, and taken over meanwhile; its result is kept as evidence.</exception>
    /// <exception cref="EffectSettledException">The act was run, and settled otherwise meanwhile; its result is kept as evidence.</exception>
    /// <exception cref="EffectNotRecordedException">The act was run, and that could not be recorded; the error has its result.</exception>
    public async Task<TResult> OnceAsync<TRequest, TResult>(
        string key,
        TRequest request,
        Func<EffectRun, Task<TResult>> run,
        OnceOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        options ??= new OnceOptions();
        var begin = ToBegin(key, request, options);
        for (var begins = 1; ; begins++)
        {
            // The lease is counted from before it was asked for.
            var sent = _time.GetTimestamp();
            var (begun, effect) = await BeginEffectAsync(begin, options: null, cancellationToken);
            if (begun)
            {
                return await RunOnceAsync(effect, run, options, sent, cancellationToken);
            }

            if (effect.Summary.Status == EffectStatus.Completed)
            {
                return ReadResult<TResult>(effect);
            }

            var verdict = await JudgeAsync(effect, options, cancellationToken);
            if (verdict is not null && await TryResolveAsync(verdict, cancellationToken) is { Summary.Status: EffectStatus.Completed } resolved)
            {
                return ReadResult<TResult>(resolved);
            }

            if (begins == MostBegins || (verdict is null && effect.Summary.Status != EffectStatus.Retry))
            {
                throw new EffectBlockedException(Address, effect, "");
            }
        }
    }

    /// <summary>What the options say of an effect that is not to be run as it stands; null for nothing.</summary>
    private async Task<ResolveEffect?> JudgeAsync(Effect effect, OnceOptions options, CancellationToken cancellationToken)
    {
        var (key, epoch) = (effect.Summary.Key, effect.Summary.EffectEpoch);
        if (effect.Summary.Status == EffectStatus.Failed && options.RetryFailed)
        {
            return new ResolveEffect(key, epoch, EffectVerdict.Retry, options.By, "It had failed, and what failed is run again.");
        }

        return effect.Summary.Status == EffectStatus.Unknown && options.Probe is { } probe
            && await probe(effect, cancellationToken) is { Verdict: { } verdict } found
            ? new ResolveEffect(key, epoch, verdict, options.By, found.Why, found.Result, found.ContentType ?? _serializer.ContentType)
            : null;
    }

    /// <summary>The effect once it is resolved; null if somebody was faster, and it has to be looked at again.</summary>
    private async Task<Effect?> TryResolveAsync(ResolveEffect verdict, CancellationToken cancellationToken)
    {
        try
        {
            return await ResolveEffectAsync(verdict, options: null, cancellationToken);
        }
        catch (ForgeException exception) when (IsOvertaken(exception))
        {
            return null;
        }
    }

    /// <summary>
    /// True if an error says that the run is over, though an earlier attempt of the same call may have been taken: what that may have done was
    /// for this run alone, and what is known now is of it.
    /// </summary>
    private static bool IsOvertaken(Exception exception) => RefusalOf(exception) is EffectSupersededException or EffectSettledException;

    /// <summary>What a call was refused with, also behind an attempt whose outcome is not known.</summary>
    private static Exception RefusalOf(Exception exception) =>
        exception is OutcomeUnknownException { InnerException: ForgeException refusal } ? refusal : exception;

    private async Task<TResult> RunOnceAsync<TResult>(
        Effect effect, Func<EffectRun, Task<TResult>> run, OnceOptions options, long sent, CancellationToken cancellationToken)
    {
        var (key, epoch) = (effect.Summary.Key, effect.Summary.EffectEpoch);
        var from = await HoldAsync(effect, options, sent, cancellationToken);
        await using var lease = new RunningLease(
            options.Lease, from, _time, token => RenewEffectAsync(key, epoch, options.Lease, token), exception => IsOver(RefusalOf(exception)));
        TResult result;
        using (var lost = CancellationTokenSource.CreateLinkedTokenSource(lease.Lost, cancellationToken))
        {
            lease.Begin();
            try
            {
                result = await run(new EffectRun(key, epoch, effect.TargetKey, lost.Token));
            }
            catch (Exception exception) when (options.DidNothing?.Invoke(exception) is true)
            {
                await TryFailAsync(key, epoch, exception.Message);
                throw;
            }
        }

        try
        {
            // It was done: that is recorded whatever the caller waits for, and a lease that is over does not keep it from being taken.
            await CompleteEffectAsync(
                key, epoch, _serializer.Serialize(result), _serializer.ContentType, options: null, CancellationToken.None);
            return result;
        }
        catch (Exception exception) when (exception is OutcomeUnknownException && IsOvertaken(exception))
        {
            ExceptionDispatchInfo.Throw(RefusalOf(exception));
            throw;
        }
        catch (Exception exception) when (!IsOvertaken(exception))
        {
            throw new EffectNotRecordedException(Address, effect, result, exception);
        }
    }

    /// <summary>
    /// When the lease was asked for under which the act may be run. One of which less than half is left, since the answer that gave it came
    /// late, is renewed first.
    /// </summary>
    /// <exception cref="EffectBlockedException">There is none. Nothing was done.</exception>
    private async Task<long> HoldAsync(Effect effect, OnceOptions options, long sent, CancellationToken cancellationToken)
    {
        var (key, epoch, lease) = (effect.Summary.Key, effect.Summary.EffectEpoch, options.Lease);
        var from = sent;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_time.GetElapsedTime(from) > lease / 2)
            {
                from = _time.GetTimestamp();
                await RenewEffectAsync(key, epoch, lease, cancellationToken);
            }
        }
        catch (ForgeException exception) when (IsOver(RefusalOf(exception)))
        {
            throw new EffectBlockedException(Address, effect, ", and it was taken over before it could be", exception);
        }
        catch (Exception)
        {
            await GiveBackAsync(key, epoch, options, "It was given up before it was run.");
            throw;
        }

        if (_time.GetElapsedTime(from) < lease)
        {
            return from;
        }

        await GiveBackAsync(key, epoch, options, "Its lease was over before it could be run.");
        throw new EffectBlockedException(Address, effect, ", and its lease was over before it could be");
    }

    /// <summary>
    /// Lets an act that was begun and never run be run by the next who asks for it. Others may take it for unknown by now, and only here it is
    /// known that nothing was done.
    /// </summary>
    private async Task GiveBackAsync(string key, long epoch, OnceOptions options, string why)
    {
        if (await TryFailAsync(key, epoch, why))
        {
            try
            {
                await ResolveEffectAsync(new ResolveEffect(key, epoch, EffectVerdict.Retry, options.By, why));
            }
            catch (Exception)
            {
                // It stays failed, which is true too.
            }
        }
    }

    /// <summary>True if an error says that a run cannot go on: somebody has it, or nobody may have it.</summary>
    private static bool IsOver(Exception refusal) => refusal is EffectSupersededException or EffectSettledException or EffectNotFoundException
        or SessionDeletedException or ClaimSupersededException or SessionClaimedException;

    /// <summary>Records that nothing was done. If that cannot be recorded, it becomes unknown, and what the caller is told says more.</summary>
    private async Task<bool> TryFailAsync(string key, long epoch, string? reason)
    {
        try
        {
            await FailEffectAsync(
                key, epoch, string.IsNullOrEmpty(reason) || reason.Length > 300 ? "It did nothing." : reason.Replace('\0', ' '));
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private BeginEffect ToBegin<TRequest>(string key, TRequest request, OnceOptions options)
    {
        if (options.Class == EffectClass.Token)
        {
            throw new InvalidRequestException("class", "must not be token: a token is consumed, and nothing is run");
        }

        var bytes = _serializer.Serialize(request);
        var keep = options.KeepRequest && bytes.Length is > 0 and <= KeptRequestBytes
            && _serializer.ContentType.StartsWith("application/json", StringComparison.Ordinal);
        return new BeginEffect(
            key,
            options.Class,
            keep ? Encoding.UTF8.GetString(bytes.Span) : null,
            keep ? null : Convert.ToHexStringLower(SHA256.HashData(bytes.Span)),
            options.Lease,
            options.TargetKey);
    }

    private TResult ReadResult<TResult>(Effect effect)
    {
        if (effect.ContentType is not { } contentType || !_serializer.CanRead(contentType))
        {
            throw new EffectBlockedException(Address, effect, ", with a result that is none of the handle's serializer");
        }

        try
        {
            return _serializer.Deserialize<TResult>(effect.Result);
        }
        catch (Exception exception)
        {
            throw new EffectBlockedException(Address, effect, $", with a result that is no {typeof(TResult).Name}", exception);
        }
    }
}
