namespace Forge.Silo.Http;

/// <summary>Reads the JSON that a route declares as its body.</summary>
internal static class GivenBody
{
    /// <summary>Reads what the route declares as its body for a <typeparamref name="T"/>, wherever it stands.</summary>
    /// <param name="context">The request.</param>
    /// <param name="target">What the body fills in.</param>
    public static async Task<T> ReadAsync<T>(HttpContext context, T target)
    {
        var shape = context.GetEndpoint()!.Metadata.GetRequiredMetadata<JsonShape<T>>();
        var limit = shape.Limit(context.RequestServices.GetRequiredService<BodyLimits>());
        if (context.Features.Get<GivenObject>() is { } given)
        {
            given.RequireWithin(limit);
            return shape.Read(given, target);
        }

        return shape.Read(await RequestBody.ReadAsync(context, "body", limit), target);
    }
}
