using Forge.Client.Retries;
using Forge.Documents.Imports;
using Forge.Errors;
using Forge.Identity;
using Forge.Portability;
using Forge.Sessions;

namespace Forge.Client.Portability;

/// <summary>The calls of one import into one session, each made again if that is safe.</summary>
internal sealed class ImportCalls(SessionAddress session, Func<ISessionGrain> grain, Retrier retrier, TimeProvider time) : ISessionImport
{
    /// <summary>How long a caller, who waits for the failure, is kept by what is only tidying up.</summary>
    private static readonly TimeSpan AbandonPatience = TimeSpan.FromSeconds(2);

    private readonly string _target = $"session {session}";
    private ImportTicket _ticket;
    private int _pieces;

    public async Task<ImportTicket> BeginAsync(CancellationToken cancellationToken) => _ticket = await retrier.RunAsync(
        CallShape.Read(_target), (_, token) => grain().BeginImportAsync(token), cancellationToken);

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
                Completing, (_, token) => grain().CompleteImportAsync(_ticket, token), cancellationToken);
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
        await SendAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        async Task SendAsync() => await grain().AbandonImportAsync(_ticket).WaitAsync(AbandonPatience, time);
    }

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
