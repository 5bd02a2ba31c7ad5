using Forge.Errors;
using Forge.Sessions;

namespace Forge.Grains.Rules;

/// <summary>Checks what is to be saved before a restore.</summary>
internal static class PresentRules
{
    /// <summary>The same without repeated tags.</summary>
    /// <exception cref="InvalidRequestException">A value is bad.</exception>
    /// <exception cref="OverLimitException">A value is larger than the silo allows.</exception>
    public static PresentState Check(SessionRules rules, PresentState present)
    {
        try
        {
            TextRules.RequireBytes("message", present.Message, rules.Limits.MessageBytes);
            SessionRules.RequireContentType(present.ContentType);
            rules.RequireState(present.State.Length, null);
            return present with { Tags = rules.CheckTags("tags", present.Tags) };
        }
        catch (InvalidRequestException exception)
        {
            throw exception.In("save.");
        }
        catch (OverLimitException exception)
        {
            throw exception.In("save.");
        }
    }
}
