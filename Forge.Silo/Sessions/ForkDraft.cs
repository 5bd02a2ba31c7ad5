using Forge.Checkpoints;
using Forge.Effects;
using Forge.Errors;
using Forge.Identity;
using Forge.Sessions;
using Forge.Silo.Effects;
using Forge.Silo.Http;

namespace Forge.Silo.Sessions;

/// <summary>A fork in JSON.</summary>
internal sealed record ForkDraft
{
    /// <summary>The body.</summary>
    public static JsonShape<ForkDraft> Shape { get; } = new JsonShape<ForkDraft> { Limit = limits => limits.Fork }
        .Required(
            "checkpoint", JsonKind.TextOrIntegerOf((_, text) => text),
            "The checkpoint to fork, by id, sequence number, or as latest or current.",
            (draft, checkpoint) => draft with { Checkpoint = checkpoint })
        .Required(
            "session", JsonKind.Text, "The session to make.", (draft, session) => draft with { Session = SessionId.Parse(session) })
        .Optional(
            "branch", JsonKind.Text, "The branch whose latest or current one is meant; main by default.",
            (draft, branch) => draft with { Branch = branch })
        .Optional(
            "withHistory", JsonKind.Flag, "True to have the checkpoint's ancestors too.",
            (draft, withHistory) => draft with { WithHistory = withHistory })
        .Optional(
            "dryRun", JsonKind.Flag, "True to be told what would be made, with nothing changed.",
            (draft, dryRun) => draft with { DryRun = dryRun })
        .Optional(
            "effects", JsonKind.TextOf(EffectShapes.ParseRule), "What to do about effects that came later: report them (the default), or refuse.",
            (draft, rule) => draft with { Effects = rule })
        .Optional(
            "acknowledge", JsonKind.Texts, "The keys of effects that came later and that it is made in spite of.",
            (draft, keys) => draft with { Acknowledge = keys ?? [] });

    /// <summary>The session to make.</summary>
    public SessionId Session { get; init; }

    public string Checkpoint { get; init; } = "";

    /// <summary>The branch of it; null for main.</summary>
    public string? Branch { get; init; }

    public bool WithHistory { get; init; }

    public bool DryRun { get; init; }

    public EffectsRule Effects { get; init; }

    public IReadOnlyList<string> Acknowledge { get; init; } = [];

    /// <summary>The fork of a session.</summary>
    public ForkSession ToInput(SessionId origin) => new(origin, Reference(), WithHistory, DryRun) { Effects = Effects, Acknowledge = Acknowledge };

    private CheckpointReference Reference() => CheckpointReference.Parse(Checkpoint, Branch) is var named
        && (named.IsLatest || named.IsCurrent || Branch is null)
            ? named
            : throw new InvalidRequestException("branch", "must not be given with an id or a sequence number");
}
