using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Kameo.Actors.Testing;
using Orleans;

namespace Kameo.Actors.Tests;

/// <summary>Streams of bytes, items one after the other, and large messages: as arguments, as results and inside of them, remote and local.</summary>
public sealed class StreamTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Streams_go_both_ways_and_through(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IPipes pipes = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IPipes>(1);
        byte[] sent = new byte[1_000_000];
        new Random(1).NextBytes(sent);
        Assert.Equal(sent.Length, await pipes.Measure(new MemoryStream(sent)).AsTask().WaitAsync(Deadline));

        await using Stream made = await pipes.Make(300_000).AsTask().WaitAsync(Deadline);
        Assert.Equal(300_000, await LengthAsync(made));

        Wrapped wrapped = await pipes.Through(new Wrapped("name", new MemoryStream(sent))).AsTask().WaitAsync(Deadline);
        var back = new MemoryStream();
        await wrapped.Content.CopyToAsync(back).WaitAsync(Deadline);
        Assert.Equal("name", wrapped.Name);
        Assert.Equal(sent, back.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Items_are_produced_as_they_are_consumed(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IPipes pipes = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IPipes>(1);
        Assert.Equal(Enumerable.Range(0, 10_000).Sum(), await pipes.Sum(Count(10_000)).AsTask().WaitAsync(Deadline));

        int seen = 0;
        await foreach (string item in await pipes.Words(1_000_000).AsTask().WaitAsync(Deadline))
        {
            Assert.Equal($"word {seen}", item);
            if (++seen == 5_000)
            {
                break; // The actor's iterator is told to stop.
            }
        }

        Assert.Equal(5_000, seen);
        await PipesActor.IteratorEnded.Task.WaitAsync(Deadline);
        PipesActor.IteratorEnded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_iterator_that_fails_fails_its_reader_after_what_it_gave(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IPipes pipes = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IPipes>(1);
        int seen = 0;
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (string item in await pipes.Words(-7).AsTask().WaitAsync(Deadline))
            {
                seen++;
            }
        });
        Assert.Equal(7, seen);
        Assert.Contains("no more words", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Large_messages_keep_their_place(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IPipes pipes = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IPipes>(1);
        var asks = new List<Task<byte[]>>();
        int[] lengths = [10, 100_000, 11, 5_000_000, 12, 13, 70_000, 14];
        foreach (int length in lengths)
        {
            asks.Add(pipes.Echo(new byte[length]).AsTask());
        }

        for (int index = 0; index < lengths.Length; index++)
        {
            Assert.Equal(lengths[index], (await asks[index].WaitAsync(Deadline)).Length);
        }

        Assert.Equal(lengths, await pipes.Order());
        ReadOnlySequence<byte> sequence = await pipes.Sequence(new ReadOnlySequence<byte>(new byte[200_000])).AsTask().WaitAsync(Deadline);
        Assert.Equal(200_000, sequence.Length);
    }

    [Fact]
    public async Task A_stream_that_a_method_does_not_read_is_given_up()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IPipes pipes = cluster.Clients[0].Get<IPipes>(1);
        var source = new MemoryStream(new byte[2_000_000]);
        await pipes.Ignore(source).AsTask().WaitAsync(Deadline);
        await Life.Eventually.TrueAsync(() => !source.CanRead, "the source to be disposed");
    }

    [Fact]
    public async Task A_forwarded_call_takes_its_streams_along()
    {
        // The client knows one node only; that one passes the call on to the node that has the actor.
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2, clients: 1);
        byte[] sent = new byte[400_000];
        new Random(2).NextBytes(sent);
        for (int key = 0; key < 8; key++)
        {
            Wrapped wrapped = await cluster.Clients[0].Get<IPipes>(key).Through(new Wrapped("x", new MemoryStream(sent))).AsTask().WaitAsync(Deadline);
            var back = new MemoryStream();
            await wrapped.Content.CopyToAsync(back).WaitAsync(Deadline);
            Assert.Equal(sent, back.ToArray());
        }
    }

    [Fact]
    public async Task A_stream_that_is_passed_on_fails_with_what_its_first_sender_said()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        var pipe = new Pipe();
        await pipe.Writer.CompleteAsync(new InvalidDataException("the disk is gone"));
        Wrapped wrapped = await cluster.Clients[0].Get<IPipes>(1).Through(new Wrapped("x", pipe.Reader.AsStream())).AsTask().WaitAsync(Deadline);
        IOException failure = await Assert.ThrowsAsync<IOException>(() => LengthAsync(wrapped.Content));
        Assert.Equal("The sender of the stream failed: System.IO.InvalidDataException: the disk is gone", failure.Message);
    }

    private static async IAsyncEnumerable<int> Count(int count, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        for (int number = 0; number < count; number++)
        {
            if (number % 100 == 0)
            {
                await Task.Yield();
                cancellation.ThrowIfCancellationRequested();
            }

            yield return number;
        }
    }

    private static async Task<long> LengthAsync(Stream stream)
    {
        long length = 0;
        byte[] buffer = new byte[1000];
        while (await stream.ReadAsync(buffer).AsTask().WaitAsync(Deadline) is int bytes and not 0)
        {
            length += bytes;
        }

        return length;
    }

    public sealed record Wrapped(string Name, Stream Content);

    public interface IPipes : IGrainWithIntegerKey
    {
        ValueTask<long> Measure(Stream stream);

        ValueTask<Stream> Make(int bytes);

        ValueTask<Wrapped> Through(Wrapped wrapped);

        ValueTask Ignore(Stream stream);

        ValueTask<int> Sum(IAsyncEnumerable<int> numbers);

        ValueTask<IAsyncEnumerable<string>> Words(int count);

        ValueTask<byte[]> Echo(byte[] bytes);

        ValueTask<int[]> Order();

        ValueTask<ReadOnlySequence<byte>> Sequence(ReadOnlySequence<byte> bytes);
    }

    public sealed class PipesActor : Actor, IPipes
    {
        private readonly List<int> _order = [];

        public static TaskCompletionSource IteratorEnded { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<long> Measure(Stream stream) => await LengthAsync(stream);

        public ValueTask<Stream> Make(int bytes) => new(new MemoryStream(new byte[bytes]));

        public ValueTask<Wrapped> Through(Wrapped wrapped) => new(wrapped);

        public ValueTask Ignore(Stream stream)
        {
            stream.Dispose();
            return default;
        }

        public async ValueTask<int> Sum(IAsyncEnumerable<int> numbers)
        {
            int sum = 0;
            await foreach (int number in numbers)
            {
                sum += number;
            }

            return sum;
        }

        public ValueTask<IAsyncEnumerable<string>> Words(int count) => new(Produce(count));

        public ValueTask<byte[]> Echo(byte[] bytes)
        {
            _order.Add(bytes.Length);
            return new(bytes);
        }

        public ValueTask<int[]> Order() => new(_order.ToArray());

        public ValueTask<ReadOnlySequence<byte>> Sequence(ReadOnlySequence<byte> bytes) => new(bytes);

        private static async IAsyncEnumerable<string> Produce(int count)
        {
            try
            {
                for (int number = 0; number < Math.Abs(count); number++)
                {
                    if (number % 1000 == 0)
                    {
                        await Task.Yield();
                    }

                    yield return $"word {number}";
                }

                if (count < 0)
                {
                    throw new InvalidOperationException("no more words");
                }
            }
            finally
            {
                IteratorEnded.TrySetResult();
            }
        }
    }
}
