using Forge.Checkpoints;
using Forge.Grains.Hosting;
using Forge.Grains.Rules;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Http;

/// <summary>
/// The largest body that each kind of request can need under the limits of its values. What is inside is checked against
/// those limits afterwards.
/// </summary>
internal sealed class BodyLimits(IOptions<LimitsOptions> options)
{
    // A byte of text can take six in JSON, as in \u0001.
    private const int Escaped = 6;
    private const int Frame = 4 * 1024;

    // An id in its quotes, and what stands between two.
    private const long Named = 48;

    // Two texts of the most characters and a media type, escaped.
    private const int WriteFrame = (2 * NewWrite.MaxCharacters * Escaped) + (255 * Escaped) + 256;
    private const int BatchFrame = 8 * 1024;

    private readonly LimitsOptions _limits = options.Value;

    /// <summary>Who claims a session, and for how long.</summary>
    public static long Claim => Frame;

    /// <summary>A state alone.</summary>
    public long State => _limits.StateBytes;

    /// <summary>A create in JSON, its state in base 64.</summary>
    public long Create => Base64(_limits.StateBytes) + ((long)_limits.MessageBytes * Escaped) + Tags + (_limits.Requires * Named) + Writes + Frame;

    /// <summary>Pending writes: their values in base 64, and room for what stands around each.</summary>
    public long Writes => Base64(_limits.BatchBytes) + ((long)_limits.WriteRecords * WriteFrame) + Base64(_limits.WriteBytes) + Frame;

    /// <summary>A batch: its states in base 64, and room for what stands around them.</summary>
    public long Batch => Base64(_limits.BatchBytes) + ((long)_limits.BatchRecords * BatchFrame) + Create;

    /// <summary>The most creates of a batch.</summary>
    public int BatchRecords => _limits.BatchRecords;

    /// <summary>A list of tags.</summary>
    public long Tags => ((long)_limits.Tags * _limits.TagCharacters * Escaped) + Frame;

    /// <summary>An annotation.</summary>
    public long Annotation => ((long)_limits.AnnotationBytes * Escaped) + Frame;

    /// <summary>What is asked of an effect: its request, or a reason.</summary>
    public static long Effect => (20 * 1024 * Escaped) + Frame;

    /// <summary>What became of an effect, with its result.</summary>
    public long EffectResult => Base64(_limits.EffectBytes) + Effect;

    /// <summary>What a fork is of, with the keys of effects that it is made in spite of.</summary>
    public long Fork => Tags + Acknowledged;

    /// <summary>What a restore saves, with the keys of effects that it is made in spite of.</summary>
    public long Restore => Create + Acknowledged;

    // The keys of all effects of a session, in quotes.
    private long Acknowledged => _limits.Effects * 204L;

    /// <summary>The settings of a session.</summary>
    public long Settings => ((long)_limits.Labels * 3 * _limits.TagCharacters * Escaped) + Tags + Frame;

    private static long Base64(long bytes) => (bytes + 2) / 3 * 4;
}
