namespace Forge.Grains.Liveness;

/// <summary>How the silos of a cluster find out that one of them has died, section <c>Forge:Liveness</c>. PostgreSQL alone.</summary>
public sealed class LivenessOptions
{
    /// <summary>
    /// How long after one look at the other silos the next begins; 500 ms by default, 100 ms to 10 s. A silo whose process
    /// died is declared dead by two looks that are 1 s apart, or two intervals if that is longer. The same in all silos.
    /// </summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long a silo whose session at the database has ended may take to accept a connection; 1 s by default, 100 ms to
    /// 10 s. One that leaves the attempts of two such looks unanswered is dead.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a silo stays in the cluster whose process is there and says nothing, not even in answer to probes; 30 s by
    /// default, 15 s to 10 min. More than a silo on a busy machine may need for one message.
    /// </summary>
    public TimeSpan HangLimit { get; set; } = TimeSpan.FromSeconds(30);
}
