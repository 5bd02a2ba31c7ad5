using Forge.Grains.Integrity;
using Forge.Grains.Portability;
using Forge.Grains.Retention;
using Forge.Grains.Rules;
using Forge.Grains.Streams;
using Forge.Grains.Telemetry;
using Forge.Grains.Tenants;
using Forge.History.Deltas;
using Forge.History.Reading;
using Forge.History.Stores;
using Forge.History.Verification;
using Forge.History.Writing;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Sessions;

/// <summary>What the session grains of a silo share.</summary>
internal sealed class SessionServices(
    ISessionReads reads,
    HeadVersions versions,
    ISessionLog log,
    IHistoryCommits commits,
    IStaging staging,
    IForks forks,
    IPendingWrites writes,
    IEffects effects,
    IUpkeep upkeep,
    ITraces traces,
    IVerification verification,
    WriterBudget budget,
    TenantDefaults tenants,
    RetentionClock clock,
    PortabilitySlots slots,
    KnownStates knownStates,
    MendedRows mended,
    OpenFeeds feeds,
    GrainInstruments instruments,
    IOptions<LimitsOptions> limits,
    IOptions<RetentionOptions> retention,
    IOptions<EffectOptions> effectOptions,
    IOptions<WriterOptions> writer,
    IOptions<StreamOptions> streams,
    TimeProvider time)
{
    public ISessionReads Reads { get; } = reads;

    /// <summary>The versions that sessions have now.</summary>
    public HeadVersions Versions { get; } = versions;

    public ISessionLog Log { get; } = log;

    public IHistoryCommits Commits { get; } = commits;

    public IStaging Staging { get; } = staging;

    public IForks Forks { get; } = forks;

    public IPendingWrites Writes { get; } = writes;
    public IEffects Effects { get; } = effects;

    public IUpkeep Upkeep { get; } = upkeep;

    /// <summary>Where the creates of checkpoints were in their callers' traces.</summary>
    public ITraces Traces { get; } = traces;

    public HistoryVerifier Verifier { get; } = new(verification);

    public WriterBudget Budget { get; } = budget;

    public TenantDefaults Tenants { get; } = tenants;

    /// <summary>The clock that ages are counted by.</summary>
    public RetentionClock Clock { get; } = clock;

    public PortabilitySlots Slots { get; } = slots;

    public KnownStates KnownStates { get; } = knownStates;

    public MendedRows Mended { get; } = mended;

    public OpenFeeds Feeds { get; } = feeds;

    public GrainInstruments Instruments { get; } = instruments;

    public LimitsOptions Limits { get; } = limits.Value;

    public RetentionOptions Retention { get; } = retention.Value;

    public EffectOptions EffectOptions { get; } = effectOptions.Value;

    public WriterOptions Writer { get; } = writer.Value;

    public StreamOptions Streams { get; } = streams.Value;

    public SessionRules Rules { get; } = new(limits.Value);

    public TimeProvider Time { get; } = time;
}
