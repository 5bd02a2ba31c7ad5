using Forge.Client.Retries;
using Forge.Documents.Imports;
using Forge.Errors;
using Forge.Identity;
using Forge.Portability;
using Forge.Sessions;

namespace Forge.Client.Portability;

/// <summary>The calls of one import into one session, each made again if that is safe.</summary>
/// <param name="session">The session.</param>
/// <param name="grain">Its grain.</param>
/// <param name="retrier">Makes the calls.</param>
/// <param name="time">The clock.</param>
/// <param name="epoch">The epoch of the claim that the import is made under; null for none.</param>
internal sealed class ImportCalls(
    SessionAddress session, Func<ISessionGrain> grain, Retrier retrier, TimeProvider time, long? epoch = null) : ISessionImport
{
    /// <summary>How long a caller, who waits for the failure, is kept by what is only tidying up.</summary>
    private static readonly TimeSpan AbandonPatience = TimeSpan.FromSeconds(2);

    private readonly string _target = $"session {session}";
    private ImportTicket _ticket;
    private int _pieces;

    /// <summary>
    /// Attempts that were left alone may begin imports too, which nobody would end: each has one of few slots of its silo for
    /// minutes. They are abandoned when they answer.
    /// </summary>
    public async Task<ImportTicket> BeginAsync(CancellationToken cancellationToken)
    {
        List<Task<ImportTicket>> begun = [];
        try
        {
            return _ticket = await retrier.RunAsync(
                Beginning,
                (_, token) =>
                {
                    begun.Add(grain().BeginImportAsync(token));
                    return begun[^1];
                },
                cancellationToken);
        }
        finally
        {
            begun.ForEach(attempt => _ = AbandonUnlessTakenAsync(attempt));
        }
    }

    public async Task AppendAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        var number = _pieces++;
        await retrier.RunAsync(
            Appending,
            async (_, token) =>
            {
                await grain().AppendImportAsync(_ticket, number, piece, token);
                return true;
            },
            cancellationToken);
    }

    public async Task<ImportResult> CompleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await retrier.RunAsync(
                Completing, (_, token) => grain().CompleteImportAsync(_ticket with { Epoch = epoch }, token), cancellationToken);
        }
        catch
        {
            // Whatever it was: an import that is over, or takes effect at this moment, is not harmed by it, and one that is left
            // would keep its slot and its rows until it is found idle.
            await AbandonAsync();
            throw;
        }
    }

    /// <summary>One that cannot be abandoned now is seen by nobody and removed within an hour.</summary>
    public async Task AbandonAsync()
    {
        await SendAbandonAsync(_ticket).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AbandonUnlessTakenAsync(Task<ImportTicket> attempt)
    {
        await ((Task)attempt).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (attempt.IsCompletedSuccessfully && await attempt != _ticket)
        {
            await SendAbandonAsync(await attempt).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAbandonAsync(ImportTicket ticket) =>
        await grain().AbandonImportAsync(ticket).WaitAsync(AbandonPatience, time);

    /// <summary>The other side's answer is wanted even if the call was given up: it names what has to be abandoned.</summary>
    private CallShape Beginning => CallShape.Read(_target) with { TellsOfCancellation = false };

    /// <summary>A piece has no request id: it is sent again only if it was turned away before it was looked at.</summary>
    private CallShape Appending => new() { Target = _target, RetryWhen = (failure, _) => failure is BusyException };

    /// <summary>No deadline: what goes into a session that exists is moved there, which takes as long as it is large.</summary>
    private CallShape Completing => new()
    {
        Target = _target,
        Changes = session,
        RetryWhen = (failure, _) => failure is BusyException,
        HasDeadline = false,
    };
}
