using System.Net;
using System.Net.Http.Headers;

namespace Forge.Grains.Tests.Http;

public sealed partial class StateDifferenceTests
{
    [Fact]
    public async Task GetState_ByACallerThatHasALikeState_IsTheBytesBetween()
    {
        var id = (await SaveAsync(_state)).GetProperty("id").GetString();
        byte[] next = [.. _state[..4000], 7, 8, .. _state[4001..]];
        await SaveAsync(next, "text/plain; charset=\"a\"");

        foreach (var have in new[] { "1", id })
        {
            var answer = await _session.GetAsync($"/checkpoints/2/state?have={have}");

            var type = MediaTypeHeaderValue.Parse(answer.ContentType!);
            Assert.Equal((HttpStatusCode.OK, MediaType), (answer.Status, type.MediaType));
            Assert.Equal(
                [("base", $"\"{have}\""), ("front", "4000"), ("end", "999"), ("sha256", Sha256(next)), ("contentType", "\"text/plain; charset=\\\"a\\\"\"")],
                type.Parameters.Select(parameter => (parameter.Name, parameter.Value!)));
            Assert.Equal([7, 8], answer.Body);
            Assert.Equal($"W/\"{Sha256(next)}\"", answer.Headers["ETag"].Single());
            Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"].Single());
        }

        (string, string) known = ("If-None-Match", $"W/\"{Sha256(next)}\"");
        var spared = await _session.GetAsync("/checkpoints/2/state?have=1", known);
        Assert.Equal((HttpStatusCode.NotModified, known.Item2), (spared.Status, spared.Headers["ETag"].Single()));
        (await _session.GetAsync("/checkpoints/2/state?have=latest", known)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "have");
    }

    [Fact]
    public async Task GetOrRestore_ByACallerThatHasALikeState_HasADifferenceInJson()
    {
        await SaveAsync(_state);
        byte[] next = [.. _state, 1, 2];
        await SaveAsync(next);

        var read = (await _session.GetAsync("/checkpoints/2?have=1")).Json;
        var restored = (await _session.PostAsync("/checkpoints/2/restore", """{"have":1}""", ("Idempotency-Key", "k"))).Json;
        var again = (await _session.PostAsync("/checkpoints/2/restore", "", ("Idempotency-Key", "k"))).Json;

        foreach (var checkpoint in new[] { read, restored.GetProperty("checkpoint") })
        {
            Assert.Equal(
                $$"""{"base":"1","front":5000,"end":0,"sha256":"{{Sha256(next)}}","betweenBase64":"AQI="}""", checkpoint.GetProperty("difference").GetRawText());
            Assert.False(checkpoint.TryGetProperty("state", out _) || checkpoint.TryGetProperty("stateBase64", out _));
            Assert.Equal(Sha256(next), checkpoint.GetProperty("checksum").GetString());
        }

        Assert.Equal(next, again.GetProperty("checkpoint").GetProperty("stateBase64").GetBytesFromBase64());
        Assert.Equal(restored.GetProperty("position").GetInt64(), again.GetProperty("position").GetInt64());
    }

    [Fact]
    public async Task GetOrRestore_WhatTheCallerHasIsOfNoUse_IsWhole()
    {
        await SaveAsync(_state);
        await SaveAsync(Bytes(9, 5000));

        foreach (var have in new[] { "2", "7", Guid.NewGuid().ToString() })
        {
            var bytes = await _session.GetAsync($"/checkpoints/1/state?have={have}");
            Assert.Equal(("application/octet-stream", $"\"{Sha256(_state)}\""), (bytes.ContentType, bytes.Headers["ETag"].Single()));
            Assert.Equal(_state, bytes.Body);
            Assert.Equal(_state, (await _session.GetAsync($"/checkpoints/1?have={have}")).Json.GetProperty("stateBase64").GetBytesFromBase64());
            var restored = (await _session.PostAsync("/checkpoints/1/restore", $$"""{"have":"{{have}}"}""")).Json.GetProperty("checkpoint");
            Assert.Equal(_state, restored.GetProperty("stateBase64").GetBytesFromBase64());
            Assert.False(restored.TryGetProperty("difference", out _));
        }
    }

    [Fact]
    public async Task GetOrRestore_BadNameOfWhatTheCallerHas_IsRefusedByName()
    {
        await SaveAsync(_state);
        foreach (var have in new[] { "latest", "current", "none", "0", "-1", "" })
        {
            (await _session.GetAsync($"/checkpoints/1/state?have={have}")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "have");
            (await _session.GetAsync($"/checkpoints/1?have={have}")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "have");
            (await _session.PostAsync("/checkpoints/1/restore", $$"""{"have":"{{have}}"}""")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "have");
        }

        (await _session.GetAsync("/checkpoints/1?have=1&have=1")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "have");
        (await _session.GetAsync("/checkpoints/1/ancestors?have=1")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "have");
        (await _session.GetAsync("/checkpoints/7?have=1")).MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found");
    }
}
