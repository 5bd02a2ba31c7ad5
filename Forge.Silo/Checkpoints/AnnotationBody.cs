using Forge.Checkpoints;
using Forge.Errors;
using Forge.Silo.Http;

namespace Forge.Silo.Checkpoints;

/// <summary>The JSON of an annotation.</summary>
/// <param name="Text">The note.</param>
/// <param name="Severity">How grave it is: <c>info</c>, <c>warning</c> or <c>critical</c>; <c>info</c> where nothing is said.</param>
internal sealed record AnnotationBody(string Text, string? Severity = null)
{
    public static (AnnotationSeverity Severity, string Text) Parse(ReadOnlyMemory<byte> json) =>
        JsonObjectReader.Read(json, "", (ref JsonObjectReader reader) =>
        {
            string? text = null;
            AnnotationSeverity severity = default;
            while (reader.Next(out var name))
            {
                switch (name)
                {
                    case "text": text = reader.String(); break;
                    case "severity": severity = ParseSeverity(reader.String()); break;
                    default: reader.RefuseUnknown(); break;
                }
            }

            return (severity, text ?? throw new InvalidRequestException("text", "must be given"));
        });

    /// <summary>The name of a severity.</summary>
    public static string NameOf(AnnotationSeverity severity) => severity switch
    {
        AnnotationSeverity.Warning => "warning",
        AnnotationSeverity.Critical => "critical",
        _ => "info",
    };

    private static AnnotationSeverity ParseSeverity(string? name) => name switch
    {
        null or "info" => AnnotationSeverity.Info,
        "warning" => AnnotationSeverity.Warning,
        "critical" => AnnotationSeverity.Critical,
        _ => throw new InvalidRequestException("severity", "must be info, warning or critical"),
    };
}

/// <summary>The JSON of new tags.</summary>
/// <param name="Tags">All the tags that the checkpoint is to have.</param>
internal sealed record TagsBody(IReadOnlyList<string> Tags)
{
    public static IReadOnlyList<string> Parse(ReadOnlyMemory<byte> json) =>
        JsonObjectReader.Read(json, "", (ref JsonObjectReader reader) =>
        {
            IReadOnlyList<string>? tags = null;
            while (reader.Next(out var name))
            {
                if (name != "tags")
                {
                    reader.RefuseUnknown();
                }

                tags = reader.Strings();
            }

            return tags ?? throw new InvalidRequestException("tags", "must be given; an empty array takes all away");
        });
}
