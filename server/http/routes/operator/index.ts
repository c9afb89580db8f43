import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';

/** All files of routes on the console listener, in the order of the API's documentation. */
export const operatorRoutes: readonly RouteFile<OperatorServices>[] = [];
