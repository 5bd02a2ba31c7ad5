namespace Forge.Grains.Rules;

/// <summary>
/// The limits of requests, section <c>Forge:Limits</c>. Each must be at least 1, a patch 2. An import takes what was saved under other limits:
/// of its values, only what is beyond the greatest that can be set is refused.
/// </summary>
public sealed class LimitsOptions
{
    /// <summary>The greatest state, in bytes; 16 MiB by default, at most 64 MiB.</summary>
    public int StateBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>The longest message, in bytes of UTF-8; 4 KiB by default, at most 64 KiB.</summary>
    public int MessageBytes { get; set; } = 4 * 1024;

    /// <summary>The most tags of a checkpoint; 64 by default, at most 256.</summary>
    public int Tags { get; set; } = 64;

    /// <summary>The longest tag, in characters; 128 by default, at most 512.</summary>
    public int TagCharacters { get; set; } = 128;

    /// <summary>The longest annotation, in bytes of UTF-8; 16 KiB by default, at most 1 MiB.</summary>
    public int AnnotationBytes { get; set; } = 16 * 1024;

    /// <summary>
    /// The most annotations of a checkpoint; 256 by default, at most 65,536. Annotations that are made at the same moment may each find
    /// room, so that a few more can come to be.
    /// </summary>
    public int Annotations { get; set; } = 256;

    /// <summary>The most items of a page; 1,000 by default.</summary>
    public int PageItems { get; set; } = 1000;

    /// <summary>
    /// The bytes of states that a page of a list with states ends with, though it has at least one; 16 MiB by default, at most 64 MiB.
    /// </summary>
    public int PageStateBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>The most creates of one batch call; 1,000 by default.</summary>
    public int BatchRecords { get; set; } = 1000;

    /// <summary>The most bytes of states in one batch call; 16 MiB by default, at most 64 MiB.</summary>
    public int BatchBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// The most bytes of memory that the bodies of HTTP requests take in a silo at once, from their arrival to their answer; 256 MiB
    /// by default. What finds no room is refused as busy; one larger body goes alone. The documents of imports are streamed, and do
    /// not count.
    /// </summary>
    public long RequestBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>The most labels of a session; 64 by default, at most 4,096.</summary>
    public int Labels { get; set; } = 64;

    /// <summary>The most branches of a session, main among them; 1,000 by default, at most 10,000.</summary>
    public int Branches { get; set; } = 1000;

    /// <summary>The most checkpoints that one requires; 64 by default, at most 256.</summary>
    public int Requires { get; set; } = 64;

    /// <summary>The most pending writes of a session, of all its checkpoints together; 10,000 by default, at most 100,000.</summary>
    public int Writes { get; set; } = 10_000;

    /// <summary>The greatest value of a pending write, in bytes; 1 MiB by default, at most 16 MiB.</summary>
    public int WriteBytes { get; set; } = 1024 * 1024;

    /// <summary>The most pending writes of one request, whose values have no more than <see cref="BatchBytes"/>; 1,000 by default, at most 10,000.</summary>
    public int WriteRecords { get; set; } = 1000;

    /// <summary>The longest lease of a claim; 30 days by default, at most 365 days. The shortest is one second.</summary>
    public TimeSpan ClaimLease { get; set; } = TimeSpan.FromDays(30);

    /// <summary>The most effects of a session; 10,000 by default, at most 100,000.</summary>
    public int Effects { get; set; } = 10_000;

    /// <summary>The longest result of an effect, in bytes; 64 KiB by default, at most 1 MiB.</summary>
    public int EffectBytes { get; set; } = 64 * 1024;

    /// <summary>The longest lease of a run of an effect; one hour by default, at most seven days. The shortest is one second.</summary>
    public TimeSpan EffectLease { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The most exports that one silo runs at once, each on a connection; 12 by default. A fork with history counts as one of these, and
    /// as an import.
    /// </summary>
    public int Exports { get; set; } = 12;

    /// <summary>The most imports that one silo runs at once; 8 by default.</summary>
    public int Imports { get; set; } = 8;

    /// <summary>
    /// The most comparisons of states that one silo makes at once; 4 by default, and however many, one less than the silo has processors,
    /// but at least one. Each has a thread of its own, and holds two states, the patch, and up to about 300 bytes for each value of either,
    /// of which a state that is compared has at most 250,000.
    /// </summary>
    public int Differences { get; set; } = 4;

    /// <summary>
    /// How long a comparison of states may take, with its reads; 10 s by default, at most 25 s: callers over HTTP are answered after 30 s
    /// whatever it does, and the client asks again after its <c>AttemptTimeout</c> (15 s by default), beside what still runs.
    /// </summary>
    public TimeSpan DifferenceDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest patch that a comparison of states answers with, in bytes; 16 MiB by default, at most 64 MiB.</summary>
    public int PatchBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// How long one session's export may take; one hour by default. It holds a connection, and keeps the database from
    /// clearing up what was removed meanwhile.
    /// </summary>
    public TimeSpan ExportDuration { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The most stored bytes of the states that a fork with history copies; 512 MiB by default. More goes by export and
    /// import.
    /// </summary>
    public long ForkBytes { get; set; } = 512L * 1024 * 1024;

    /// <summary>The most bytes of one session's document that an import takes, decompressed; 64 GiB by default.</summary>
    public long ImportBytes { get; set; } = 64L * 1024 * 1024 * 1024;

    /// <summary>The most checkpoints that an import adds to a session that exists; 10,000 by default.</summary>
    public int MergeRecords { get; set; } = 10_000;

    /// <summary>The most bytes of states that an import adds to a session that exists; 64 MiB by default.</summary>
    public int MergeBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// How long after the newest checkpoint an automatic one for time passed may be taken; five minutes by default.
    /// </summary>
    public TimeSpan AutomaticInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The widest limits of a checkpoint, its session and a batch that a silo may have been given.</summary>
    internal static LimitsOptions Widest { get; } = new()
    {
        StateBytes = LimitsOptionsValidator.MaxBytes,
        MessageBytes = LimitsOptionsValidator.MaxMessageBytes,
        Tags = LimitsOptionsValidator.MaxTags,
        TagCharacters = LimitsOptionsValidator.MaxTagCharacters,
        AnnotationBytes = LimitsOptionsValidator.MaxAnnotationBytes,

        // Notes that are made at the same moment may be more than the limit.
        Annotations = 2 * LimitsOptionsValidator.MaxAnnotations,
        Labels = LimitsOptionsValidator.MaxLabels,
        Branches = LimitsOptionsValidator.MaxBranches,
        Requires = LimitsOptionsValidator.MaxRequires,
        Writes = LimitsOptionsValidator.MaxWrites,
        WriteBytes = LimitsOptionsValidator.MaxWriteBytes,
        WriteRecords = LimitsOptionsValidator.MaxWriteRecords,
        ClaimLease = LimitsOptionsValidator.MaxClaimLease,
        Effects = LimitsOptionsValidator.MaxEffects,
        EffectBytes = LimitsOptionsValidator.MaxEffectBytes,
        EffectLease = LimitsOptionsValidator.MaxEffectLease,
        BatchRecords = LimitsOptionsValidator.MaxCount,
        BatchBytes = LimitsOptionsValidator.MaxBytes,
    };
}
