using Forge.Documents.Compression;
using Forge.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace Forge.Silo.Http;

/// <summary>Reads the bodies of requests, none larger than its route allows.</summary>
internal static class RequestBody
{
    private const int FirstBuffer = 16 * 1024;

    /// <summary>A buffer grows so many times over: what it leaves behind is a third of what it comes to.</summary>
    private const int Growth = 4;

    /// <summary>
    /// How far past its limit a body is still read, to be thrown away: a caller that is cut off in the middle of sending may
    /// never see the answer that says why.
    /// </summary>
    private const int Grace = 1024 * 1024;

    /// <summary>Reads the whole body, in memory that counts in the bound of all bodies until the request has ended.</summary>
    /// <param name="context">The request.</param>
    /// <param name="field">What the error names if it is too large.</param>
    /// <param name="limit">The most bytes.</param>
    /// <exception cref="OverLimitException">It is larger.</exception>
    /// <exception cref="BusyException">The bodies of other requests leave no room for it.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, string field, long limit)
    {
        Limit(context, limit + Grace);
        var announced = context.Request.ContentLength;
        if (announced > limit)
        {
            throw new OverLimitException(field, limit, announced.Value, "bytes");
        }

        // Grows with what arrives: a caller that announces much and sends nothing costs nothing.
        var room = context.RequestServices.GetRequiredService<BodyBudget>().Open(context);
        var buffer = Resize([], Math.Clamp(announced ?? FirstBuffer, 1, FirstBuffer), room);
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length == announced)
                {
                    break;
                }

                // One byte more than the limit, to see that a body is larger.
                buffer = Resize(buffer, Math.Min((long)buffer.Length * Growth, announced ?? limit + 1), room);
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

        // What is kept of a body that did not say its length is not the room that it might have needed.
        return length <= buffer.Length / 2 ? Resize(buffer.AsSpan(0, length), length, room) : buffer.AsMemory(0, length);
    }

    /// <summary>Lets the body be of any size, for a route that streams it.</summary>
    public static void Unlimit(HttpContext context) => Limit(context, null);

    private static byte[] Resize(ReadOnlySpan<byte> bytes, long size, BodyBudget.Room room)
    {
        room.Resize(size);
        var buffer = GC.AllocateUninitializedArray<byte>(checked((int)size));
        bytes.CopyTo(buffer);
        return buffer;
    }

    private static async Task<int> DrainAsync(HttpContext context, byte[] buffer, string field, long limit, int length)
    {
        // Bounded here as well: what is decoded can be far more than what the server counts.
        var drained = 0;
        while (drained <= Grace && await ReadAsync(context, buffer, field, limit, length + drained) is var read and > 0)
        {
            drained += read;
        }

        return drained;
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
        catch (Exception exception) when (CompressedDocument.IsBroken(exception))
        {
            throw new InvalidRequestException("body", $"is not what its Content-Encoding says: {exception.Message.TrimEnd('.')}", exception);
        }
    }
}
