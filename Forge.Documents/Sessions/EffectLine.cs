using System.Text;
using System.Text.Json;
using Forge.Checkpoints;
using Forge.Documents.Json;
using Forge.Effects;
using Forge.Errors;

namespace Forge.Documents.Sessions;

/// <summary>The line of an effect: how it is written, and how it is read.</summary>
internal static class EffectLine
{
    /// <summary>Writes the properties.</summary>
    public static void Write(Utf8JsonWriter json, DocumentEffect effect)
    {
        json.WriteString("effect", effect.Key);
        json.WriteString("class", effect.Class.ToName());
        json.WriteString("status", effect.State.ToName());
        json.WriteNumber("epoch", effect.Epoch);
        json.WriteNumber("firstAfter", effect.FirstAfter);
        json.WriteNumber("after", effect.After);
        json.WriteString("begunAt", effect.BegunAt);
        if (effect.Until is { } until)
        {
            json.WriteString("until", until);
        }

        json.WriteString("changedAt", effect.ChangedAt);
        json.WriteString("requestSha256", effect.RequestSha256);
        WriteText("request", effect.Request);
        json.WriteString("targetKey", effect.TargetKey);
        WriteText("contentType", effect.ContentType);
        if (effect.Result is { } result)
        {
            json.WriteBase64String("resultBase64", result.Span);
        }

        WriteText("reason", effect.Reason);
        WriteText("resolvedBy", effect.ResolvedBy);
        if (effect.Evidence is { } evidence)
        {
            json.WritePropertyName("evidence");
            json.WriteRawValue(evidence);
        }

        void WriteText(string name, string? text)
        {
            if (text is not null)
            {
                json.WriteString(name, text);
            }
        }
    }

    /// <summary>Reads the properties. What they may be is the caller's to see.</summary>
    /// <exception cref="ImportRejectedException">One is missing.</exception>
    /// <exception cref="InvalidRequestException">One is of another type, or not known.</exception>
    public static DocumentEffect Read(ref JsonObjectReader reader, SessionDocumentReader document)
    {
        (string? key, string? name, string? status, string? sha256, string? targetKey) = (null, null, null, null, null);
        (string? request, string? contentType, string? reason, string? by, string? evidence) = (null, null, null, null, null);
        (long? epoch, long? firstAfter, long? after, byte[]? result) = (null, null, null, null);
        (DateTimeOffset? begunAt, DateTimeOffset? until, DateTimeOffset? changedAt) = (null, null, null);
        while (reader.Next(out var property))
        {
            switch (property)
            {
                case "effect": key = reader.String(); break;
                case "class": name = reader.String(); break;
                case "status": status = reader.String(); break;
                case "epoch": epoch = reader.Integer(); break;
                case "firstAfter": firstAfter = reader.Integer(); break;
                case "after": after = reader.Integer(); break;
                case "begunAt": begunAt = document.ReadTime(ref reader); break;
                case "until": until = document.ReadTime(ref reader); break;
                case "changedAt": changedAt = document.ReadTime(ref reader); break;
                case "requestSha256": sha256 = reader.String(); break;
                case "request": request = reader.String(); break;
                case "targetKey": targetKey = reader.String(); break;
                case "contentType": contentType = reader.String(); break;
                case "resultBase64": result = reader.Base64(); break;
                case "reason": reason = reader.String(); break;
                case "resolvedBy": by = reader.String(); break;
                case "evidence": evidence = Encoding.UTF8.GetString(reader.Raw().Span); break;
                default: reader.RefuseUnknown(); break;
            }
        }

        return new DocumentEffect
        {
            Key = key ?? throw document.Missing("effect"),
            Class = EffectNames.ParseClass(name ?? throw document.Missing("class")),
            State = EffectNames.ParseStatus(status ?? throw document.Missing("status")),
            Epoch = epoch ?? throw document.Missing("epoch"),
            FirstAfter = firstAfter ?? throw document.Missing("firstAfter"),
            After = after ?? throw document.Missing("after"),
            BegunAt = (begunAt ?? throw document.Missing("begunAt")).ToMicroseconds(),
            Until = until?.ToMicroseconds(),
            ChangedAt = (changedAt ?? throw document.Missing("changedAt")).ToMicroseconds(),
            RequestSha256 = sha256 ?? throw document.Missing("requestSha256"),
            Request = request,
            TargetKey = targetKey ?? throw document.Missing("targetKey"),
            ContentType = contentType,
            Result = result is null ? default(ReadOnlyMemory<byte>?) : result,
            Reason = reason,
            ResolvedBy = by,
            Evidence = evidence,
        };
    }
}
