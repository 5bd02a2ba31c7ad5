// A caller of Forge's JSON-RPC, for Node and browsers: const forge = await connect('ws://127.0.0.1:5080/v1/rpc');
export async function connect(url, onEvent = () => {}) {
  const [socket, waiting] = [new WebSocket(url), new Map()];
  await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: () => reject(new Error(`${url} cannot be reached`)) }));
  socket.onclose = ({ code, reason }) => waiting.forEach(({ reject }) => reject(new Error(`closed: ${code} ${reason}`)));
  socket.onmessage = ({ data }) => {
    const { id, result, error, method, params } = JSON.parse(data);
    if (method) return onEvent(method, params);
    const call = waiting.get(id);
    waiting.delete(id);
    return error ? call?.reject(Object.assign(new Error(error.message), error.data)) : call?.resolve(result);
  };
  let last = 0;
  const call = (method, params = {}) => new Promise((resolve, reject) => {
    waiting.set(++last, { resolve, reject });
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: last, method, params }));
  });
  return { call, close: () => socket.close() };
}

if (globalThis.process?.argv[1]?.endsWith('forge-rpc.mjs')) {
  const forge = await connect(process.argv[2] ?? 'ws://127.0.0.1:5080/v1/rpc');
  const { sequence } = await forge.call('createCheckpoint', { session: 'demo-js', message: 'from JavaScript', state: { step: 1 } });
  const { state } = await forge.call('getCheckpoint', { session: 'demo-js', checkpoint: sequence });
  const refused = await forge.call('getCheckpoint', { session: 'demo-js', checkpoint: 1000 }).catch((error) => error.code);
  console.log(JSON.stringify({ sequence, state, refused }));
  forge.close();
}
