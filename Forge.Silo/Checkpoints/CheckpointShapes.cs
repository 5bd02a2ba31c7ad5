using Forge.Checkpoints;
using Forge.Errors;
using Forge.Sessions;
using Forge.Silo.Effects;
using Forge.Silo.Http;

namespace Forge.Silo.Checkpoints;

/// <summary>The bodies of the routes of checkpoints that are there.</summary>
internal static class CheckpointShapes
{
    public static JsonShape<AnnotateCheckpoint> Annotation { get; } =
        new JsonShape<AnnotateCheckpoint> { Limit = limits => limits.Annotation }
            .Required("text", JsonKind.Text, "The note.", (input, text) => input with { Text = text })
            .Optional(
                "severity", JsonKind.TextOf(ParseSeverity), "How grave it is: info (the default), warning or critical.",
                (input, severity) => input with { Severity = severity });

    public static JsonShape<SetTags> Tags { get; } = new JsonShape<SetTags> { Limit = limits => limits.Tags }
        .Required(
            "tags", JsonKind.Texts, "All the tags that the checkpoint is to have.", (input, tags) => input with { Tags = tags },
            "must be given; an empty array takes all away");

    public static JsonShape<RestoreCheckpoint> Restore { get; } = new JsonShape<RestoreCheckpoint> { Limit = limits => limits.Restore, IsOptional = true }
        .Optional(
            "save", JsonKind.Object(NewCheckpointDraft.Present, new NewCheckpointDraft()),
            "A state to save first, in the same step, as the newest checkpoint of the branch.",
            (input, save) => input with { Save = save?.ToPresent() })
        .Optional(
            "dryRun", JsonKind.Flag, "True to be told what would be current and the difference in short, with nothing changed.",
            (input, dryRun) => input with { DryRun = dryRun })
        .Optional(
            "branch", JsonKind.Text, "The branch whose next checkpoint follows it; main if nothing is said.",
            (input, branch) => input with { Branch = branch })
        .Optional(
            "effects", JsonKind.TextOf(EffectShapes.ParseRule), "What to do about effects that came later: report them (the default), or refuse.",
            (input, rule) => input with { Effects = rule })
        .Optional(
            "acknowledge", JsonKind.Texts, "The keys of effects that came later and that it is made in spite of.",
            (input, keys) => input with { Acknowledge = keys ?? [] })
        .Optional(
            "have", JsonKind.TextOrIntegerOf(StateDifferenceDraft.ParseNamed),
            "A checkpoint whose state the caller has, by id or sequence: the restored one may come as the difference from that one, if it spares half of it.",
            (input, have) => input with { Have = have });

    private static AnnotationSeverity ParseSeverity(string field, string? name) => name switch
    {
        null or "info" => AnnotationSeverity.Info,
        "warning" => AnnotationSeverity.Warning,
        "critical" => AnnotationSeverity.Critical,
        _ => throw new InvalidRequestException("severity", "must be info, warning or critical"),
    };
}
