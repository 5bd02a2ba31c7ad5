using Forge.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace Forge.Silo.Http;

/// <summary>Reads the bodies of requests, none larger than its route allows.</summary>
internal static class RequestBody
{
    private const int FirstBuffer = 16 * 1024;

    /// <summary>
    /// How far past its limit a body is still read, to be thrown away: a caller that is cut off in the middle of sending may
    /// never see the answer that says why.
    /// </summary>
    private const int Grace = 1024 * 1024;

    /// <summary>Reads the whole body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="field">What the error names if it is too large.</param>
    /// <param name="limit">The most bytes.</param>
    /// <exception cref="OverLimitException">It is larger.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, string field, long limit)
    {
        Limit(context, limit + Grace);
        var announced = context.Request.ContentLength;
        if (announced > limit)
        {
            throw new OverLimitException(field, limit, announced.Value, "bytes");
        }

        // Grows with what arrives: a caller that announces much and sends nothing costs nothing.
        var buffer = new byte[Math.Clamp(announced ?? FirstBuffer, 1, FirstBuffer)];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length == announced)
                {
                    break;
                }

                Array.Resize(ref buffer, checked((int)Math.Min(buffer.Length * 2L, announced ?? long.MaxValue)));
            }

            var read = await ReadAsync(context, buffer.AsMemory(length), field, limit, length);
            if (read == 0)
            {
                break;
            }

            length += read;
            if (length > limit)
            {
                length += await DrainAsync(context, buffer, field, limit, length);
                throw new OverLimitException(field, limit, length, "bytes");
            }
        }

        return buffer.AsMemory(0, length);
    }

    /// <summary>Lets the body be of any size, for a route that streams it.</summary>
    public static void Unlimit(HttpContext context) => Limit(context, null);

    private static async Task<int> DrainAsync(HttpContext context, byte[] buffer, string field, long limit, int length)
    {
        for (var drained = 0; ;)
        {
            var read = await ReadAsync(context, buffer, field, limit, length + drained);
            if (read == 0)
            {
                return drained;
            }

            drained += read;
        }
    }

    private static void Limit(HttpContext context, long? limit)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = limit;
        }
    }

    private static async ValueTask<int> ReadAsync(
        HttpContext context, Memory<byte> buffer, string field, long limit, int length)
    {
        try
        {
            return await context.Request.Body.ReadAsync(buffer, context.RequestAborted);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new OverLimitException(field, limit, Math.Max(length, limit + 1), "bytes");
        }
    }
}
