namespace Forge.History.Deltas;

/// <summary>
/// Where what decodes, hashes and writes out a state runs: that of a large one on the thread pool, so that the other calls of the session
/// whose turn it would take do not wait for it.
/// </summary>
internal static class LargeStates
{
    /// <summary>From how many bytes on a state is large: it takes about a millisecond then.</summary>
    public const int LeastSize = 512 * 1024;

    /// <summary>Runs the work, which must use nothing that the session changes.</summary>
    /// <param name="bytes">About the bytes that it goes over.</param>
    /// <param name="work">The work.</param>
    public static ValueTask<T> RunAsync<T>(long bytes, Func<T> work) =>
        bytes < LeastSize ? new ValueTask<T>(work()) : new ValueTask<T>(Task.Run(work));
}
