using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Net.ServerSentEvents;
using Forge.Grains.Tests.Streams;

namespace Forge.Grains.Tests.Http;

/// <summary>Server-sent events as a caller of a silo reads them.</summary>
internal static class SentEvents
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Opens a stream, and must be let in.</summary>
    public static async Task<HttpResponseMessage> OpenAsync(HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaTypeNames.Text.EventStream));
        Array.ForEach(headers, header => request.Headers.Add(header.Name, header.Value));
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response;
    }

    /// <summary>So many items of a stream, or all that it has; fails if they do not come.</summary>
    public static async Task<List<SseItem<string>>> TakeAsync(HttpResponseMessage response, int count)
    {
        var items = new List<SseItem<string>>();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        bound.CancelAfter(Watching.Patience);
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync(bound.Token)).EnumerateAsync(bound.Token))
        {
            items.Add(item);
            if (items.Count == count)
            {
                break;
            }
        }

        return items;
    }
}
